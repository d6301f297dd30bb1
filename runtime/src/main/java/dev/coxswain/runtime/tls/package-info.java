/** Certificates and keys in PEM files, and TLS that follows the files when they change. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.runtime.tls;
