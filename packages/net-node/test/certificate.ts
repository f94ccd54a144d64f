// Self-signed, for tests alone: the keys are no secret.
import type { ServerCertificate } from '@mox/net-node';

/** For localhost. */
export const localhostCertificate: ServerCertificate = {
  names: ['localhost'],
  endPointHash: 'sha256',
  certificatePem: `-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUNuvmszchj2I9Qis56dqZn5IpxRswCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMzE1MDcwMVoYDzIxMjYxMDMw
MTUwNzAxWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAARj0wx1UIe2M8Xd8YmVKhWS8sg4RIb/SEPhdJ6cwR4jK6fIkMrMZPrT
0tZG3SMQeeXDLxfk8YGqWSjt1cz5Y9Z2o28wbTAdBgNVHQ4EFgQUR8ADYvO9sfqd
cWqGx2JVVfE22a8wHwYDVR0jBBgwFoAUR8ADYvO9sfqdcWqGx2JVVfE22a8wDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSAAwRQIgCU6YaCRbOcZyya4+GfbPboG+Ak/jqlGjfcsIOoqj/LMCIQDJ
kKvUD2heaVrAi/OwMdpNkB6IVny8g7soIv+oQFDl2g==
-----END CERTIFICATE-----`,
  privateKeyPem: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg5SwetXTaCSn2Ye9+
peVgQ8W5HZeU/JF2+1XOj1eUiW6hRANCAARj0wx1UIe2M8Xd8YmVKhWS8sg4RIb/
SEPhdJ6cwR4jK6fIkMrMZPrT0tZG3SMQeeXDLxfk8YGqWSjt1cz5Y9Z2
-----END PRIVATE KEY-----`,
};

/** For other.example. */
export const otherCertificate: ServerCertificate = {
  names: ['other.example'],
  endPointHash: 'sha256',
  certificatePem: `-----BEGIN CERTIFICATE-----
MIIBoTCCAUegAwIBAgIUUmLd3ZhqAV/KT5Fws4bCCLPkR2MwCgYIKoZIzj0EAwIw
GDEWMBQGA1UEAwwNb3RoZXIuZXhhbXBsZTAgFw0yNjExMjMxNTA3MDFaGA8yMTI2
MTAzMDE1MDcwMVowGDEWMBQGA1UEAwwNb3RoZXIuZXhhbXBsZTBZMBMGByqGSM49
AgEGCCqGSM49AwEHA0IABITLB/m2bVhW+WUm0pPyhNchwi1zOm9rd0sbFe0i1/Ba
hzeX/FSrKN3ey/AuN9SNNTy/4xXZRRmKXAtpOfgCs5SjbTBrMB0GA1UdDgQWBBRv
P/3k23M7zpaqC7htb2N9yB+efzAfBgNVHSMEGDAWgBRvP/3k23M7zpaqC7htb2N9
yB+efzAPBgNVHRMBAf8EBTADAQH/MBgGA1UdEQQRMA+CDW90aGVyLmV4YW1wbGUw
CgYIKoZIzj0EAwIDSAAwRQIhAI982Y5BiV/uy/zy0GHPK6NsYxIrL3Kd3OuYJe2h
8M64AiA3iwgqY2GDS4QViSqg9sYIo409uWel3pAhDAfgiKioNw==
-----END CERTIFICATE-----`,
  privateKeyPem: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgGy00XO5c2iwESSZd
SLjRMtJ1g4WfMmmLmNFwP/+s3kqhRANCAASEywf5tm1YVvllJtKT8oTXIcItczpv
a3dLGxXtItfwWoc3l/xUqyjd3svwLjfUjTU8v+MV2UUZilwLaTn4ArOU
-----END PRIVATE KEY-----`,
};
