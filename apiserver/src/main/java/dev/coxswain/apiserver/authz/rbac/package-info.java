/**
 * Role-based access control: rules, the policy compiled from roles and bindings, and the policy
 * every cluster starts with.
 */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.authz.rbac;
