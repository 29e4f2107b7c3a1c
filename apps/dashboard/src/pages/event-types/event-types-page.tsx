import { Accordion, Code, Group, SimpleGrid, Skeleton, Stack, Text, TextInput, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type EventType, eventTypesQuery } from '../../api/webhooks';
import { capitalized } from '../../ui/capitalized';
import { CodeBlock } from '../../ui/code-block';
import { Icon } from '../../ui/icon';
import { Page } from '../../ui/page';
import { ProblemNotice } from '../../ui/problem-notice';

/** What can be published and subscribed to, with its schema and a sample. */
export function EventTypesPage() {
  const eventTypes = useQuery(eventTypesQuery);
  const [search, setSearch] = useState('');
  const wanted = search.trim().toLowerCase();
  const found = (eventTypes.data ?? []).filter(({ type, title, description }) =>
    `${type} ${title} ${description}`.toLowerCase().includes(wanted),
  );
  return (
    <Page
      title="Event catalogue"
      description="Every type of event: what it tells, the JSON Schema of its data, and a sample, which is what Send Dummy sends."
      actions={
        <TextInput
          type="search"
          aria-label="Search event types"
          placeholder="Search"
          leftSection={<Icon name="search" size={16} />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
      }
    >
      {eventTypes.isPending && <Skeleton height={240} radius="lg" />}
      {eventTypes.isError && <ProblemNotice error={eventTypes.error} onRetry={() => void eventTypes.refetch()} />}
      {eventTypes.isSuccess && found.length === 0 && (
        <Text c="dimmed" size="sm" role="status">
          No event type matches “{search}”.
        </Text>
      )}
      {groupsOf(found).map(({ resource, types }) => (
        <section key={resource} aria-label={resource}>
          <Title order={2} size="h4" mb="xs">
            {capitalized(resource)}
          </Title>
          <Accordion variant="contained" radius="lg" keepMounted={false}>
            {types.map((eventType) => (
              <Entry key={eventType.type} eventType={eventType} />
            ))}
          </Accordion>
        </section>
      ))}
    </Page>
  );
}

function Entry({ eventType }: { eventType: EventType }) {
  const { type, title, description, publishPermission, schema, sample } = eventType;
  return (
    <Accordion.Item value={type}>
      <Accordion.Control>
        <Group gap="sm">
          <Text ff="monospace" fw={600} size="sm">
            {type}
          </Text>
          <Text size="sm" c="dimmed">
            {title}
          </Text>
        </Group>
      </Accordion.Control>
      <Accordion.Panel>
        <Stack>
          <Text size="sm">{description}</Text>
          <Text size="sm" c="dimmed">
            {publishPermission === null ? (
              'Signpost itself publishes it.'
            ) : (
              <>
                An API key publishes it with the permission <Code>{publishPermission}</Code>.
              </>
            )}
          </Text>
          <SimpleGrid cols={{ base: 1, md: 2 }}>
            <Described name="Sample" text={sample} />
            <Described name="Schema" text={schema} />
          </SimpleGrid>
        </Stack>
      </Accordion.Panel>
    </Accordion.Item>
  );
}

function Described({ name, text }: { name: string; text: unknown }) {
  return (
    <div>
      <Text size="sm" fw={600} mb={6}>
        {name}
      </Text>
      <CodeBlock name={name} text={JSON.stringify(text, null, 2)} />
    </div>
  );
}

function groupsOf(types: readonly EventType[]): readonly { resource: string; types: readonly EventType[] }[] {
  const groups = new Map<string, EventType[]>();
  for (const eventType of types) {
    const resource = eventType.resource ?? 'Signpost itself';
    groups.set(resource, [...(groups.get(resource) ?? []), eventType]);
  }
  return [...groups].map(([resource, inGroup]) => ({ resource, types: inGroup }));
}
