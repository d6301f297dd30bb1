/** Events, in the core group's form and in that of their own group. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.kinds.event;
