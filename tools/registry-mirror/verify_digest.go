package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"regexp"

	storagedriver "github.com/distribution/distribution/v3/registry/storage/driver"
	storagemiddleware "github.com/distribution/distribution/v3/registry/storage/driver/middleware"
)

// The distribution registry trusts what lies on its disk. SD cards flip bits, and a cached layer with a flipped bit would
// then fail every pull on every node until someone deletes it by hand. This middleware reads the file on every look-up,
// which precedes every serving; content that does not match its name is deleted and reported as absent, so that the
// pull-through cache fetches it again.
const middlewareName = "verify-digest"

// Path of a blob's content in the registry's layout: /docker/registry/v2/blobs/sha256/ab/abcd…/data
var blobData = regexp.MustCompile(`/blobs/sha256/[0-9a-f]{2}/([0-9a-f]{64})/data$`)

func init() {
	if err := storagemiddleware.Register(middlewareName, newVerifyDigest); err != nil {
		panic(err)
	}
}

func newVerifyDigest(_ context.Context, inner storagedriver.StorageDriver, _ map[string]interface{}) (storagedriver.StorageDriver, error) {
	return &verifyDigest{inner}, nil
}

type verifyDigest struct{ storagedriver.StorageDriver }

func (driver *verifyDigest) Stat(ctx context.Context, file string) (storagedriver.FileInfo, error) {
	if err := driver.verify(ctx, file); err != nil {
		return nil, err
	}
	return driver.StorageDriver.Stat(ctx, file)
}

func (driver *verifyDigest) GetContent(ctx context.Context, file string) ([]byte, error) {
	if err := driver.verify(ctx, file); err != nil {
		return nil, err
	}
	return driver.StorageDriver.GetContent(ctx, file)
}

// verify returns PathNotFoundError for a blob whose content does not match its name, after deleting it.
func (driver *verifyDigest) verify(ctx context.Context, file string) error {
	match := blobData.FindStringSubmatch(file)
	if match == nil {
		return nil
	}
	sum, err := driver.sum(ctx, file)
	if errors.As(err, &storagedriver.PathNotFoundError{}) {
		return err
	}
	if err == nil && sum == match[1] {
		return nil
	}
	reason := "content has digest sha256:" + sum
	if err != nil {
		reason = err.Error()
	}
	fmt.Fprintf(os.Stderr, "verify-digest: cached blob sha256:%s is corrupt (%s); deleted, to be fetched again\n", match[1], reason)
	if err := driver.StorageDriver.Delete(ctx, path.Dir(file)); err != nil {
		return fmt.Errorf("corrupt blob %s can't be deleted: %w", file, err)
	}
	return storagedriver.PathNotFoundError{Path: file, DriverName: middlewareName}
}

func (driver *verifyDigest) sum(ctx context.Context, file string) (string, error) {
	reader, err := driver.StorageDriver.Reader(ctx, file, 0)
	if err != nil {
		return "", err
	}
	defer reader.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, reader); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}
