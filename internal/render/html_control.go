package render

// htmlControl is what proves control of the names of one certificate.
type htmlControl struct{}
