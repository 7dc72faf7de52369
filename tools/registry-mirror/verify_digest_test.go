package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"testing"

	storagedriver "github.com/distribution/distribution/v3/registry/storage/driver"
	"github.com/distribution/distribution/v3/registry/storage/driver/filesystem"
)

func newStore(t *testing.T) (*filesystem.Driver, storagedriver.StorageDriver) {
	t.Helper()
	inner, err := filesystem.FromParameters(map[string]interface{}{"rootdirectory": t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	verified, err := newVerifyDigest(context.Background(), inner, nil)
	if err != nil {
		t.Fatal(err)
	}
	return inner, verified
}

func blobPath(content string) string {
	sum := sha256.Sum256([]byte(content))
	name := hex.EncodeToString(sum[:])
	return "/docker/registry/v2/blobs/sha256/" + name[:2] + "/" + name + "/data"
}

func TestSoundBlobIsServed(t *testing.T) {
	inner, verified := newStore(t)
	file := blobPath("layer")
	if err := inner.PutContent(context.Background(), file, []byte("layer")); err != nil {
		t.Fatal(err)
	}
	if _, err := verified.Stat(context.Background(), file); err != nil {
		t.Fatalf("a sound blob must be found: %v", err)
	}
}

func TestCorruptBlobIsDeletedAndReportedAbsent(t *testing.T) {
	inner, verified := newStore(t)
	file := blobPath("layer")
	if err := inner.PutContent(context.Background(), file, []byte("lbyer")); err != nil {
		t.Fatal(err)
	}
	_, err := verified.GetContent(context.Background(), file)
	if !errors.As(err, &storagedriver.PathNotFoundError{}) {
		t.Fatalf("want PathNotFoundError, got %v", err)
	}
	if _, err := inner.Stat(context.Background(), file); err == nil {
		t.Fatal("the corrupt file is still on the disk")
	}
}

func TestOtherFilesAreLeftAlone(t *testing.T) {
	inner, verified := newStore(t)
	file := "/docker/registry/v2/repositories/a/_manifests/tags/1/current/link"
	if err := inner.PutContent(context.Background(), file, []byte("sha256:00")); err != nil {
		t.Fatal(err)
	}
	if _, err := verified.GetContent(context.Background(), file); err != nil {
		t.Fatal(err)
	}
}
