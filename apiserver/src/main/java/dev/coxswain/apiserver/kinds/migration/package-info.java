/** Storing objects anew. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.kinds.migration;
