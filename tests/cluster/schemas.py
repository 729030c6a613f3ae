"""JSON schemas for kubeconform, made from what a real API server says of its kinds."""

import json


def strict(part):
    """The same schema without room for fields that it does not name, which the API server would drop."""
    if isinstance(part, list):
        return [strict(item) for item in part]
    if not isinstance(part, dict):
        return part
    made = {key: strict(value) for key, value in part.items()}
    if isinstance(part.get("properties"), dict) and "additionalProperties" not in part \
            and not part.get("x-kubernetes-preserve-unknown-fields"):
        made["additionalProperties"] = False
    return made


def write_schemas(cluster, directory, group_versions):
    """One file for each kind of the groups, such as "v1" and "apps/v1"; the pattern by which kubeconform finds them."""
    for group_version in group_versions:
        path = f"apis/{group_version}" if "/" in group_version else f"api/{group_version}"
        status, body = cluster.api.get(f"/openapi/v3/{path}")
        assert status == 200, f"the server knows no {group_version}"
        schemas = strict(json.loads(body)["components"]["schemas"])
        for name, schema in schemas.items():
            for kind in schema.get("x-kubernetes-group-version-kind", []):
                if group_version == "/".join(part for part in (kind["group"], kind["version"]) if part):
                    group = kind["group"] or kind["version"]  # what kubeconform takes for the group of v1
                    file = directory / f"{group}-{kind['version']}-{kind['kind'].lower()}.json"
                    file.write_text(json.dumps({"$ref": f"#/components/schemas/{name}", "components": {"schemas": schemas}}))
    return f"{directory}/{{{{.Group}}}}-{{{{.ResourceAPIVersion}}}}-{{{{.ResourceKind}}}}.json"
