package dev.coxswain.apiserver.authz.rbac;

import java.util.List;

/**
 * What one binding gives to one subject.
 *
 * @param rules the rules of the role it refers to
 * @param because for the person who asks why, such as {@code RoleBinding "a/b" of Role "c" to Group
 *     "d"}
 */
record Grant(List<PolicyRule> rules, String because) {}
