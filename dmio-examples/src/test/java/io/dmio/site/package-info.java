/** The documentation as a site: pages of Markdown, pictures of text, and what checks that every link leads somewhere. */
@NullMarked
package io.dmio.site;

import org.jspecify.annotations.NullMarked;
