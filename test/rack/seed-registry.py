"""Pushes one image with one layer to a registry. Usage: seed-registry.py URL REPOSITORY TAG. Prints the layer's digest."""

import hashlib
import json
import sys
import urllib.request

url, repository, tag = sys.argv[1:]


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


layer = push(b"the content of a layer\n" * 5000)
config = push(b"{}")
manifest = {
    "schemaVersion": 2,
    "mediaType": "application/vnd.oci.image.manifest.v1+json",
    "config": config | {"mediaType": "application/vnd.oci.image.config.v1+json"},
    "layers": [layer | {"mediaType": "application/vnd.oci.image.layer.v1.tar"}],
}
request("PUT", f"{url}/v2/{repository}/manifests/{tag}", json.dumps(manifest).encode(), manifest["mediaType"])
print(layer["digest"])
