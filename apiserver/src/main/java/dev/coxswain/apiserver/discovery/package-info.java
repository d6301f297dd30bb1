/** What the server tells clients that it serves. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.discovery;
