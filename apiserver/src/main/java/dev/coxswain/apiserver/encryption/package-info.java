/** Encryption at rest: what the store holds can be read by who has the keys alone. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.encryption;
