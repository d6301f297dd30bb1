/** Service-account tokens: signing, verifying, requesting, reviewing, and the keys for others. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.token;
