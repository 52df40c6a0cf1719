package consumer;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.gradle.api.Project;
import org.gradle.testfixtures.ProjectBuilder;

/**
 * Has Gradle find the jars of builds: reads the build script of each folder that is given, which says what is asked for, and copies what
 * a program of it runs with to the folder's {@code lib}.
 */
public final class Resolve {

    private Resolve() {}

    /** The folder of the published jars, Gradle's own folder, and the folders of builds. */
    public static void main(String[] args) throws IOException {
        for (int i = 2; i < args.length; i++) {
            File build = new File(args[i]);
            Project project = ProjectBuilder.builder()
                    .withProjectDir(build)
                    .withGradleUserHomeDir(new File(args[1]))
                    .build();
            project.getPluginManager().apply("java");
            project.getRepositories().maven(published -> published.setUrl(new File(args[0]).toURI()));
            project.getRepositories().mavenCentral();
            project.apply(Map.of("from", new File(build, "build.gradle")));
            Path lib = Files.createDirectories(build.toPath().resolve("lib"));
            for (File jar : project.getConfigurations().getByName("runtimeClasspath").resolve()) {
                Files.copy(jar.toPath(), lib.resolve(jar.getName()));
            }
            System.out.println(build.getName() + " by Gradle " + project.getGradle().getGradleVersion());
        }
        System.exit(0); // Gradle leaves threads behind
    }
}
