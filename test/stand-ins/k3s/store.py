"""Objects that were applied to the stand-in's API server, as far as the playbooks need one: stored whole, compared whole."""

import json
import os
import time

# Kinds that exist only once Argo CD's chart is installed.
ARGO_CD = "argoproj.io/"
CHART_SECONDS = 3


class Refused(Exception):
    """What the API server would answer instead."""


def key_of(document):
    """Kind, namespace and name."""
    metadata = document["metadata"]
    return f"{document['kind'].lower()}/{metadata.get('namespace', '')}/{metadata['name']}"


class Store:
    """Kept on disk beside the nodes."""

    def __init__(self, path):
        self.path = path
        self.objects = json.load(open(path, encoding="utf-8")) if os.path.exists(path) else {}

    def check(self, document):
        """What a dry run on the server finds wrong."""
        for field in ("apiVersion", "kind", "metadata"):
            if field not in document:
                raise Refused(f"{field} is missing")
        namespace = document["metadata"].get("namespace")
        if namespace and namespace != "kube-system" and f"namespace//{namespace}" not in self.objects and namespace != "argocd":
            raise Refused(f'namespaces "{namespace}" not found')
        if document["apiVersion"].startswith(ARGO_CD):
            chart = self.objects.get("helmchart/kube-system/argo-cd") or self.objects.get("helmchart/argocd/argo-cd")
            if not chart or time.time() - chart["applied"] < CHART_SECONDS:
                raise Refused(f'no matches for kind "{document["kind"]}" in version "{document["apiVersion"]}"')

    def differs(self, documents):
        """Whether applying these would change anything."""
        for document in documents:
            self.check(document)
        return any(self.objects.get(key_of(document), {}).get("document") != document for document in documents)

    def apply(self, documents):
        """Applies them in order, each alone, as kubectl does."""
        for document in documents:
            self.check(document)
            entry = self.objects.setdefault(key_of(document), {"applied": time.time(), "times": 0})
            entry["document"] = document
            entry["times"] += 1
            self.save()

    def save(self):
        with open(os.open(self.path + ".new", os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump(self.objects, file)
        os.replace(self.path + ".new", self.path)

    def get(self, kind, namespace, name):
        """One object as the API server gives it out."""
        entry = self.objects.get(f"{kind}/{namespace}/{name}")
        if entry is None:
            raise Refused(f'{kind} "{name}" not found')
        document = json.loads(json.dumps(entry["document"]))
        if document.get("type") == "kubernetes.io/service-account-token":
            document["data"] = {"token": "b3BlcmF0b3ItdG9rZW4=", "ca.crt": "Y2VydGlmaWNhdGU="}
        return document

    def applications(self, sick):
        """Every Application, each with the state that Argo CD gives a sound one; those named are not."""
        items = []
        for key, entry in self.objects.items():
            if key.startswith("application/"):
                name = key.rsplit("/", 1)[1]
                health = "Degraded" if name in sick else "Healthy"
                items.append({**entry["document"], "status": {"health": {"status": health}, "sync": {"status": "Synced"}}})
        return {"items": items}
