package io.dmio.harness;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** A test that provokes errors which come after the end, and which {@link DropGuard} lets pass. */
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
public @interface DropsErrors {

    /** Why there is nobody to hear of them. */
    String value();
}
