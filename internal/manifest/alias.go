package manifest

import "go.yaml.in/yaml/v3"

// maxAliased is how many values a document may repeat through aliases. No list of
// names that two keys share comes near it; a bomb is far above it at once.
const maxAliased = 1000

// resolve returns what an alias stands for, or n.
func resolve(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// tooManyAliases returns the alias whose values are one too many, or nil. An alias
// that holds itself never ends, and so is too many.
func tooManyAliases(root *yaml.Node) *yaml.Node {
	left := maxAliased
	return spend(root, &left)
}

// spend walks everything below n outside of aliases.
func spend(n *yaml.Node, left *int) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		if repeat(n.Alias, left); *left < 0 {
			return n
		}
		return nil
	}
	for _, c := range n.Content {
		if bad := spend(c, left); bad != nil {
			return bad
		}
	}
	return nil
}

// repeat counts the values of n, those of further aliases too, until none are left.
func repeat(n *yaml.Node, left *int) {
	*left--
	n = resolve(n)
	for _, c := range n.Content {
		if *left < 0 {
			return
		}
		repeat(c, left)
	}
}
