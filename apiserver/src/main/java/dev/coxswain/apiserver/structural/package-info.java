/** The shapes that custom resources bring: read from a definition, filled in, and checked. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.structural;
