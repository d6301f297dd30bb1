/** Questions about what somebody may do: the SubjectAccessReview family. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.authz.review;
