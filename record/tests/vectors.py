"""Whether verify.py beside it finds in each spoilt bundle what bundles.json says, without the key and with it."""
import json, sys
from verify import faults_of

vectors = json.load(open(sys.argv[1], encoding="utf-8"))
for case in vectors["cases"]:
    found = faults_of(case["bundle"]), faults_of(case["bundle"], vectors["key"])
    assert found == (case["faults"], case["with_key"]), (case["name"], found, case["faults"], case["with_key"])
print(len(vectors["cases"]), "vectors agree")
