/** The service account that every namespace has. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.controllers.serviceaccount;
