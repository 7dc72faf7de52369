//go:build tools

// Package tools keeps the programs built here as direct requirements of go.mod, where they are pinned.
package tools

import (
	_ "sigs.k8s.io/kustomize/kustomize/v5"
)
