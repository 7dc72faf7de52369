//go:build tools

// Package tools keeps the program built here as a direct requirement of go.mod, where it is pinned.
package tools

import _ "sigs.k8s.io/prometheus-adapter/cmd/adapter"
