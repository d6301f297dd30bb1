/** Histories of clients of the Kubernetes API, and the promises they are held against. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.e2e.history;
