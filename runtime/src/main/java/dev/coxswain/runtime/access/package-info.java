/** Who may ask a daemon: what the API server says of tokens and of rights. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.runtime.access;
