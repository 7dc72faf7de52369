//go:build tools

// Package tools names what this module builds.
package tools

import _ "sigs.k8s.io/prometheus-adapter/cmd/adapter"
