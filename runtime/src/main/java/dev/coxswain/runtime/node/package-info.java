/** What several programs must judge alike about nodes. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.runtime.node;
