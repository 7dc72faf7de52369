//go:build tools

// Package tools keeps the programs built here as direct requirements of go.mod, where they are pinned.
package tools

import (
	_ "github.com/zegl/kube-score/cmd/kube-score"
)
