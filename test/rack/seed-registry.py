"""Pushes images with one layer each to a registry, and prints the layer's digest.

Usage: seed-registry.py URL REPOSITORY TAG [PATH]. With PATH the tag names an image of two platforms, with a file of that path in each,
whose content is the platform's name.
"""

import hashlib
import io
import json
import sys
import tarfile
import urllib.request

url, repository, tag, *path = sys.argv[1:]


def request(method, address, body=None, kind="application/octet-stream"):
    """One request; answers its headers."""
    made = urllib.request.Request(address, method=method, data=body, headers={"Content-Type": kind})
    with urllib.request.urlopen(made, timeout=10) as response:
        return response.headers


def push(blob):
    """Pushes one blob and answers its descriptor."""
    digest = "sha256:" + hashlib.sha256(blob).hexdigest()
    place = request("POST", f"{url}/v2/{repository}/blobs/uploads/", b"")["Location"]
    request("PUT", f"{place}{'&' if '?' in place else '?'}digest={digest}", blob)
    return {"digest": digest, "size": len(blob)}


def push_image(reference, content, architecture):
    """Pushes an image of one layer; answers the layer's descriptor and the manifest's."""
    layer = push(content)
    config = push(json.dumps({"architecture": architecture, "os": "linux", "rootfs": {"type": "layers", "diff_ids": [layer["digest"]]}}).encode())
    manifest = json.dumps({
        "schemaVersion": 2,
        "mediaType": IMAGE,
        "config": config | {"mediaType": "application/vnd.oci.image.config.v1+json"},
        "layers": [layer | {"mediaType": "application/vnd.oci.image.layer.v1.tar"}],
    }).encode()
    digest = "sha256:" + hashlib.sha256(manifest).hexdigest()
    request("PUT", f"{url}/v2/{repository}/manifests/{reference or digest}", manifest, IMAGE)
    return layer, {"mediaType": IMAGE, "digest": digest, "size": len(manifest), "platform": {"architecture": architecture, "os": "linux"}}


def archive(name, content):
    """A tar archive with one file."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as made:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = len(content), 0o755
        made.addfile(entry, io.BytesIO(content))
    return file.getvalue()


IMAGE = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"

if path:
    manifests = [push_image("", archive(path[0], f"{each}\n".encode()), each)[1] for each in ("amd64", "arm64")]
    index = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests}).encode()
    request("PUT", f"{url}/v2/{repository}/manifests/{tag}", index, INDEX)
else:
    print(push_image(tag, b"the content of a layer\n" * 5000, "arm64")[0]["digest"])
