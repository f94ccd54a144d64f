# Evaluates SPF with python3-spf: reads {"zone": {name: {type: [data]}}, "cases": [[ip, sender, helo]]} as a line of JSON each,
# writes the results as a line of JSON.
import json, sys, warnings
warnings.simplefilter('ignore')
import spf

zone = {}

def lookup(name, qtype, strict=True, timeout=20):
    types = zone.get(name.rstrip('.').lower(), {})
    found = []
    for data in types.get(qtype, []):
        if qtype == 'TXT':
            data = [data.encode('latin-1')]
        elif qtype == 'MX':
            data = tuple(data)
        found.append(((name, qtype), data))
    return found

spf.DNSLookup = lookup
for line in sys.stdin:
    job = json.loads(line)
    zone = job['zone']
    results = []
    for ip, sender, helo in job['cases']:
        try:
            q = spf.query(i=ip, s=sender, h=helo, receiver='unknown', strict=True, timeout=1, querytime=0)
            results.append(q.check()[0])
        except Exception as error:
            results.append('exception: ' + repr(error))
    print(json.dumps(results), flush=True)
