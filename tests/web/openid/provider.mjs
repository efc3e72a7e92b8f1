// A real provider (npm oidc-provider, which is certified) with people of a test: PORT and the address to come back to are given.
import Provider from "oidc-provider";

const [port, back] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const people = {
  anna: { name: "Anna K", preferred_username: "anna", email: "anna@example.org", email_verified: true, groups: ["sre", "staff"] },
  owen: { name: "Owen", preferred_username: "owen", email: "owen@example.org", email_verified: true, groups: ["admins", "sre"] },
  ben: { name: "Ben", preferred_username: "ben", email: "ben@example.org", email_verified: true, groups: [] },
  eve: { name: "Eve", preferred_username: "owner", email: "eve@evil.example", email_verified: true, groups: ["sre"] },
  uma: { name: "Uma", preferred_username: "uma", email: "uma@example.org", email_verified: false, groups: ["sre"] },
};
const client = {
  client_id: "afteraction", client_secret: "a secret of the test, long enough", redirect_uris: [back],
  grant_types: ["authorization_code"], response_types: ["code"],
};
const provider = new Provider(issuer, {
  clients: [
    client,
    { ...client, client_id: "posting", token_endpoint_auth_method: "client_secret_post" },
    { ...client, client_id: "other" },
  ],
  claims: { openid: ["sub"], profile: ["name", "preferred_username"], email: ["email", "email_verified"], groups: ["groups"] },
  scopes: ["openid", "profile", "email", "groups"],
  pkce: { required: () => true },
  conformIdTokenClaims: process.env.PLAIN !== "yes",
  ...(process.env.ONLY_POST === "yes" ? { clientAuthMethods: ["client_secret_post"], clients: [{ ...client, token_endpoint_auth_method: "client_secret_post" }] } : {}),
  findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id, ...(people[id] ?? { email: id, email_verified: true }) }) }),
  async loadExistingGrant(context) {
    const grant = new context.oidc.provider.Grant({ clientId: context.oidc.client.clientId, accountId: context.oidc.session.accountId });
    grant.addOIDCScope("openid profile email groups");
    await grant.save();
    return grant;
  },
});
provider.listen(Number(port), "127.0.0.1", () => console.log("listening"));
