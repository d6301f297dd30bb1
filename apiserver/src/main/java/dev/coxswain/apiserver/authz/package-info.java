/** Whether a user may do what it asks. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.authz;
