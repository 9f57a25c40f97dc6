package dns

import (
	"fmt"
	"net"
	"strconv"

	"github.com/miekg/dns"
)

// port is where servers listen.
const port = "53"

// System returns the resolvers that a file like /etc/resolv.conf names, in its order.
func System(file string) ([]string, error) {
	c, err := dns.ClientConfigFromFile(file)
	if err != nil {
		return nil, err
	}
	if len(c.Servers) == 0 {
		return nil, fmt.Errorf("%s names no server", file)
	}
	for i, s := range c.Servers {
		c.Servers[i] = net.JoinHostPort(s, port)
	}
	return c.Servers, nil
}

// Address returns the HOST:PORT of a server that was named as HOST or HOST:PORT.
func Address(text string) (string, error) {
	host, at, err := net.SplitHostPort(text)
	if ip := net.ParseIP(text); err != nil || ip != nil {
		host, at = text, port
	}
	if n, err := strconv.ParseUint(at, 10, 16); err != nil || n == 0 {
		return "", fmt.Errorf("%q is no port", at)
	}
	if net.ParseIP(host) == nil && !isHost(host) {
		return "", fmt.Errorf("%q is no address and no name", host)
	}
	return net.JoinHostPort(host, at), nil
}
