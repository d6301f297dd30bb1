/** Nodes that fall silent: noticed, tainted, and relieved of their pods. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.controllers.nodelifecycle;
