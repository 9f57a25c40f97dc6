package manifest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"testing"

	"go.yaml.in/yaml/v3"
)

// independent reads every document of a file without any of the code under test:
// keys and texts as the nodes hold them, numbers as they are written.
func independent(t *testing.T, data []byte) []map[string]any {
	t.Helper()
	var all []map[string]any
	d := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var doc yaml.Node
		err := d.Decode(&doc)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("accepted, and yet not YAML: %v", err)
		}
		if m, ok := plainValue(doc.Content[0]).(map[string]any); ok {
			all = append(all, m)
		}
	}
}

func plainValue(n *yaml.Node) any {
	switch {
	case n.Kind == yaml.AliasNode:
		return plainValue(n.Alias)
	case n.Kind == yaml.SequenceNode:
		list := []any{}
		for _, c := range n.Content {
			list = append(list, plainValue(c))
		}
		return list
	case n.Kind == yaml.MappingNode:
		m := map[string]any{}
		for i := 0; i < len(n.Content); i += 2 {
			m[n.Content[i].Value] = plainValue(n.Content[i+1])
		}
		return m
	case n.Tag == "!!int":
		return json.Number(n.Value)
	case n.Tag == "!!bool":
		return n.Value == "true"
	case n.Tag == "!!null":
		return nil
	default:
		return n.Value
	}
}
