"""The resources that the tests write."""


def endpoint(name="orders", **spec):
    return {"apiVersion": "tlswarden.dev/v1alpha1", "kind": "DatabaseEndpoint", "metadata": {"name": name},
            "spec": {"engine": "postgresql", "host": "db.internal", **spec}}


def status(**fields):
    return {"apiVersion": "tlswarden.dev/v1alpha1", "kind": "DatabaseEndpoint", "metadata": {"name": "orders"},
            "status": fields}


def condition(kind, value="True", reason="Declared"):
    return {"type": kind, "status": value, "reason": reason, "message": "as declared",
            "lastTransitionTime": "2026-01-02T03:04:05Z"}


def warning_policy(resource, message):
    """What makes the server warn of every write to a resource that it grants."""
    group = {"apiVersion": "admissionregistration.k8s.io/v1", "metadata": {"name": "warns"}}
    rule = {"apiGroups": ["tlswarden.dev"], "apiVersions": ["*"], "operations": ["*"], "resources": [resource]}
    return [{**group, "kind": "ValidatingAdmissionPolicy",
             "spec": {"matchConstraints": {"resourceRules": [rule]},
                      "validations": [{"expression": "false", "message": message}]}},
            {**group, "kind": "ValidatingAdmissionPolicyBinding",
             "spec": {"policyName": "warns", "validationActions": ["Warn"]}}]
