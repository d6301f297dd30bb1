/** Label and field selectors: how a list, a watch or a controller says which objects it means. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.api.selector;
