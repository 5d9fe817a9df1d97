"""Whether GET /openapi.json of a running server is a valid OpenAPI 3.1 document: openapi.py HOST PORT"""

import sys

import requests
from openapi_spec_validator import OpenAPIV31SpecValidator

url = f"http://{sys.argv[1]}:{sys.argv[2]}"
document = requests.get(url + "/openapi.json", timeout=60).json()
errors = [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}" for error in OpenAPIV31SpecValidator(document).iter_errors()]
if errors:
    sys.exit("error: the OpenAPI document is not valid.\n" + "\n".join(errors))
print("ok      openapi-spec-validator: the document is valid")
