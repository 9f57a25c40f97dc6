// Package manifest reads YAML manifests into wanted certificates and says where
// they are wrong. It never knows about HTTP or the phases of a request.
//
// Two readers see every document. The node tree is the judge: it knows places and
// spellings, and is held against one table of keys. The strict decoder then reads
// the values. What the tree accepts, the decoder reads to the same text.
package manifest
