//go:build tools

// Package tools keeps the programs built here as direct requirements of go.mod, where they are pinned.
package tools

import (
	_ "github.com/google/go-containerregistry/cmd/crane"
)
