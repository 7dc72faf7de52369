// Package ext stands for the extension points that Traefik keeps in a nested module, which no module proxy serves.
// They add no field to any custom resource; only their names are needed to read the API types.
package ext

// HTTP extends Traefik's HTTP configuration.
type HTTP struct{}

// Router extends a router.
type Router struct{}
