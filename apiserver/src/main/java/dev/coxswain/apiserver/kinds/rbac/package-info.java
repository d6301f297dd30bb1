/** Roles and their bindings. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.kinds.rbac;
