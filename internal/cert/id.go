package cert

import (
	"errors"
	"strconv"
)

// ID is the number the server gave a certificate request. It is positive and
// never changes.
type ID int64

// ErrID is what ParseID returns for anything but a plain decimal number.
var ErrID = errors.New("an id is a positive whole number in plain decimal digits")

// ParseID reads an id written in decimal digits alone: no sign, no leading zero,
// no point, exponent or underscore. Any other spelling is ErrID.
func ParseID(s string) (ID, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n <= 0 || strconv.FormatInt(n, 10) != s {
		return 0, ErrID
	}
	return ID(n), nil
}

// String returns the id in decimal.
func (id ID) String() string { return strconv.FormatInt(int64(id), 10) }
