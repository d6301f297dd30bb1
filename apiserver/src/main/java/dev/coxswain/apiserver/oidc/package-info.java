/** Users that another issuer vouches for: OpenID Connect. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.oidc;
