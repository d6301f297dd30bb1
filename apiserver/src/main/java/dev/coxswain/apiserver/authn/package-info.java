/** Who is asking: credentials of a connection turned into a user. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.authn;
