/** What the kinds' rules are built from. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.kinds.common;
