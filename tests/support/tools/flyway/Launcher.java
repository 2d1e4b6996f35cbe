import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.configuration.ClassicConfiguration;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.core.api.logging.Log;
import org.flywaydb.core.api.logging.LogCreator;
import org.flywaydb.core.internal.configuration.ConfigUtils;
import org.flywaydb.core.internal.configuration.TomlUtils;

/**
 * The free Flyway as a program.
 *
 * <p>With arguments it is a command line as Flyway's own: {@code -url=… -locations=… migrate}, with settings from
 * FLYWAY_… too. Without, it stays and answers requests, one JSON document a line: {@code {"command": "migrate",
 * "files": ["flyway.conf"], "settings": {"flyway.url": "…"}}}, because a virtual machine takes longer to start than a command to run.
 */
public class Launcher {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final StringBuffer SAID = new StringBuffer();

    public static void main(String[] arguments) throws Exception {
        if (arguments.length > 0) {
            System.exit(commandLine(arguments));
        }
        PrintStream answers = System.out;
        System.setOut(System.err);
        BufferedReader requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = requests.readLine(); line != null; line = requests.readLine()) {
            Map<?, ?> request = JSON.readValue(line, Map.class);
            List<File> files = new ArrayList<>();
            ((List<?>) request.get("files")).forEach(name -> files.add(new File((String) name)));
            Map<String, String> settings = new HashMap<>();
            ((Map<?, ?>) request.get("settings")).forEach((key, value) -> settings.put("" + key, "" + value));
            answers.write((JSON.writeValueAsString(answer((String) request.get("command"), files, settings)) + "\n")
                    .getBytes(StandardCharsets.UTF_8));
            answers.flush();
        }
    }

    private static int commandLine(String[] arguments) {
        Map<String, String> settings = new HashMap<>();
        List<String> commands = new ArrayList<>();
        for (String argument : arguments) {
            String[] parts = argument.split("=", 2);
            if (argument.startsWith("-") && parts.length == 2) {
                settings.put("flyway." + parts[0].substring(1), parts[1]);
            } else if (!argument.startsWith("-")) {
                commands.add(argument);
            }
        }
        for (String command : commands) {
            Map<String, Object> answer = answer(command, List.of(), settings);
            System.out.print(answer.get("said"));
            if (!Objects.equals(answer.get("code"), 0)) {
                return 1;
            }
        }
        return 0;
    }

    private static Map<String, Object> answer(String command, List<File> files, Map<String, String> settings) {
        SAID.setLength(0);
        Map<String, Object> answer = new TreeMap<>();
        try {
            FluentConfiguration told = told(files).envVars().loggers(Notebook.class.getName()).configuration(settings);
            answer.put("result", run(told.load(), command));
            answer.put("code", 0);
        } catch (Exception error) {
            SAID.append("ERROR: ").append(error.getMessage()).append('\n');
            answer.put("code", 1);
        }
        answer.put("said", SAID.toString());
        return answer;
    }

    /** What configuration files say; its own command line, too, reads no .conf where there is a .toml. */
    private static FluentConfiguration told(List<File> files) throws Exception {
        FluentConfiguration told = Flyway.configure(jars());
        List<File> modern = files.stream().filter(file -> file.getName().endsWith(".toml") && file.exists()).toList();
        if (!modern.isEmpty()) {
            return told.configuration(new ClassicConfiguration(TomlUtils.loadConfigurationFiles(modern)));
        }
        for (File file : files) {
            told.configuration(ConfigUtils.loadConfigurationFile(file, "UTF-8", false));
        }
        return told;
    }

    /** The classes of Java migrations, as Flyway's own command line loads them. */
    private static ClassLoader jars() throws Exception {
        List<URL> found = new ArrayList<>();
        for (String folder : System.getenv().getOrDefault("FLYWAY_JAR_DIRS", "").split(",")) {
            File[] files = folder.isEmpty() ? null : new File(folder).listFiles((where, name) -> name.endsWith(".jar"));
            for (File file : files == null ? new File[0] : files) {
                found.add(file.toURI().toURL());
            }
        }
        return new URLClassLoader(found.toArray(new URL[0]), Launcher.class.getClassLoader());
    }

    private static Object run(Flyway flyway, String command) {
        switch (command) {
            case "migrate": flyway.migrate(); return null;
            case "validate": flyway.validate(); return null;
            case "baseline": flyway.baseline(); return null;
            case "repair": flyway.repair(); return null;
            case "clean": flyway.clean(); return null;
            case "undo": flyway.undo(); return null;
            case "info": return table(flyway.info().all());
            default: throw new IllegalArgumentException("no such command: " + command);
        }
    }

    private static List<Map<String, Object>> table(MigrationInfo[] migrations) {
        List<Map<String, Object>> lines = new ArrayList<>();
        for (MigrationInfo migration : migrations) {
            Map<String, Object> line = new TreeMap<>();
            line.put("version", migration.getVersion() == null ? null : migration.getVersion().getVersion());
            line.put("description", migration.getDescription());
            line.put("type", migration.getType().name());
            line.put("state", migration.getState().getDisplayName());
            line.put("checksum", migration.getChecksum());
            line.put("script", migration.getScript());
            line.put("rank", migration.getInstalledRank());
            lines.add(line);
            SAID.append(line).append('\n');
        }
        return lines;
    }

    /** Flyway makes it by its name. */
    public static class Notebook implements LogCreator {
        @Override
        public Log createLogger(Class<?> about) {
            return new Notes();
        }
    }

    /** What Flyway says, kept for whoever asked. */
    @SuppressWarnings("deprecation")
    private static class Notes implements Log {
        @Override
        public boolean isDebugEnabled() {
            return false;
        }

        @Override
        public void debug(String message) {}

        @Override
        public void info(String message) {
            SAID.append(message).append('\n');
        }

        @Override
        public void warn(String message) {
            SAID.append("WARNING: ").append(message).append('\n');
        }

        @Override
        public void error(String message) {
            SAID.append("ERROR: ").append(message).append('\n');
        }

        @Override
        public void error(String message, Exception error) {
            error(message + ": " + error.getMessage());
        }

        @Override
        public void notice(String message) {
            info(message);
        }
    }
}
