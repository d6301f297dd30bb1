/** Admission by expressions: ValidatingAdmissionPolicies, and the match conditions of webhooks. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.admission.policy;
